// Package device puts a passkeys.Authenticator behind CTAPHID: it is the one handler that every transport of the virtual security key serves, and that tests
// serve too, so that they judge what people use.
package device
