raise ImportError("the package of an extension is found, not imported")
