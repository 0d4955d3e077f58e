"""`make bench`: every benchmark, one after the other."""

from bench import gathering, scope

scope.main()
gathering.main()
