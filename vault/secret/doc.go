// Package secret holds the one type in which Signet carries secret bytes.
//
// A [Secret] cannot be printed, logged or marshalled by accident: its bytes sit behind a closure, which fmt, slog,
// encoding/json and reflection see as a code address only. Redacting methods alone are not enough, because fmt ignores
// methods on unexported fields, and Bubble Tea models have nothing else.
//
// Everything that holds a password, a key, a PIN or a passphrase for longer than one call holds it as a Secret. To add
// something here, ask first whether it makes leaking easier: the package stays a leaf and stays tiny.
package secret
