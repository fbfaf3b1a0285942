// Package dialog holds the overlays: questions and choices that stand above a screen until they are answered.
//
// A dialog does nothing by itself. It gets keys and returns an Action; the root closes it and hands the answer, as a message, to
// the screen that asked. So a dialog is tested as (key) → action, without a program. A dialog that appears by itself, not as
// the answer to a key, is marked Sudden: it swallows keys until the keyboard was quiet, so that nobody answers a question that
// they did not see (style.md, "Grace period").
//
// To add a dialog: one file with a type that implements Dialog; keys come from Keys, which tui/keys.go fills.
package dialog
