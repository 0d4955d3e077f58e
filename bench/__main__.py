"""`make bench`: every benchmark, one after the other."""

from bench import gathering, pages, scope

scope.main()
pages.main()
gathering.main()
