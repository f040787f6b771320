### Words of the applet.
