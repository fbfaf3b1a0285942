// Command still is Signet with a clock that stands still and with a known source of randomness for ids and generated passwords, so that
// pictures of it are the same in every run. Keys are random as ever. It is built for pictures and never shipped.
package main
