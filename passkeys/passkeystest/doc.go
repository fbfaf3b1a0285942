// Package passkeystest stands in for what an authenticator speaks to: a store and a state in memory, and a person who does as the test says.
//
// Store is the reference for every CredentialStore: what the methods promise is written at the interface, and what it does is what a store of the vault
// does. None of it is fit for anything but tests: nothing is durable, and nothing is sealed.
package passkeystest
