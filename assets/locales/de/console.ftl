### Words of the console.
