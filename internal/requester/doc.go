// Package requester finds out which programs hold a device open, so that a person who is asked to allow something can be told who asks.
//
// On Linux it reads the links in /proc/PID/fd, which shows the processes of the own user only; on other systems nothing is found. A program can call itself
// anything and can hold a device open without asking for anything: names are a help, never a boundary, and nothing may be allowed because of one.
//
// The scan is bounded in processes, descriptors and time. Another system gets its own of_SYSTEM.go with the function of.
package requester
