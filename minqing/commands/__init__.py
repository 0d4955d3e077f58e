"""What `minqing …` does once Django is set up; one file per noun."""
