// A program that is quick to build.
package main

func main() {}
