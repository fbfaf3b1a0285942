// Package tuitest is for tests and for looking at the screens by hand: an in-memory vault with sample entries behind the ports of
// tui/screen, a clock that moves only when told, an emulated terminal, and a program (tui/tuitest/demo) that runs the whole TUI on them.
//
// Nothing here is shipped and nothing here protects anything. The fakes keep the contracts of the ports: concealed values are withheld
// by Get, edits with an old base are refused, locking makes every call fail, late answers are possible (Delay). To add a port, add its
// fake here first, then use it in a screen.
package tuitest
