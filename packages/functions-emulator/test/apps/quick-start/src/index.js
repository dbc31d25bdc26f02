// What all functions of the app share. Nothing, so far.
