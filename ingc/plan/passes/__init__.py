"""What may be done to a layout so that nginx needs less memory and time, pass by pass.

Each pass gives other servers that answer every request as those that it was given. It can be
switched on by itself, and knows nothing of the others. The proof reads the text that comes out, as
it reads any other.
"""
