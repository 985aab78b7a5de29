// A program that is built in a moment.
package main

func main() {}
