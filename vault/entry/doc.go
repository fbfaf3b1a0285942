// Package entry is the entry model: the data model of the FIDO Credential Exchange Format (CXF) over the fields of records
// (decisions.md "Records and fields"). It knows which credential types and members there are, which of them are concealed,
// how a path is spelled, what the names username, password, totp, url and notes mean, and how an entry becomes edits.
//
// It is pure. Package vault gives its types out under its own name (vault.Entry is entry.Entry); outside the vault nobody
// imports this package. To add a credential type, add its row to schema.go and a sample to schema_test.go: reading, field
// names, kinds, search and export follow from the row. Unknown types and members are kept and shown as they came.
package entry
