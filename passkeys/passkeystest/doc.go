// Package passkeystest stands in for what an authenticator speaks to: a store and a state in memory, and a person who does as the test says.
//
// RunStore and RunState check what every CredentialStore and every State promises; those in memory pass, and so must those of a vault. A new promise gets
// its sentence at the interface and its test there. None of it is fit for anything but tests: nothing is durable, and nothing is sealed.
package passkeystest
