package vault

import "signet/vault/entry"

// The entry model, given out under the vault's own name: outside the vault nobody imports vault/entry.
type (
	// ID names an entry or another record.
	ID = entry.ID
	// Entry is one account or secret with its credentials.
	Entry = entry.Entry
	// Row is what a list shows of an entry.
	Row = entry.Row
	// Credential is one typed credential.
	Credential = entry.Credential
	// Member is one member of a credential, or a custom field.
	Member = entry.Member
	// URL is one web address.
	URL = entry.URL
	// App is one app.
	App = entry.App
	// Source is what an import could not place.
	Source = entry.Source
	// Past is one previous value.
	Past = entry.Past
	// Conflict is a field with live values that differ.
	Conflict = entry.Conflict
	// Candidate is one of the values in conflict.
	Candidate = entry.Candidate
	// FieldRef is one field of one record.
	FieldRef = entry.FieldRef
	// FieldName is a parsed FIELD.
	FieldName = entry.FieldName
	// Edit writes or deletes one field.
	Edit = entry.Edit
	// Base carries the dots that a caller saw.
	Base = entry.Base
	// Kind is what the command line calls an entry.
	Kind = entry.Kind
	// FieldType is CXF's fieldType.
	FieldType = entry.FieldType
	// TypeSpec is one credential type of the schema.
	TypeSpec = entry.TypeSpec
	// MemberSpec is one member of a credential type.
	MemberSpec = entry.MemberSpec
	// PasskeyInfo is what a list shows of one passkey.
	PasskeyInfo = entry.PasskeyInfo
	// IDs makes fresh ids.
	IDs = entry.IDs
	// View says what reading an entry gives out.
	View = entry.View
)

// Errors of field names.
var (
	ErrUnknownField = entry.ErrUnknownField
	ErrNoField      = entry.ErrNoField
)

// The records beside entries that callers look for.
const (
	RecEntry    = entry.RecEntry
	RecFolder   = entry.RecFolder
	RecSettings = entry.RecSettings
)

// The kinds.
const (
	KindLogin    = entry.KindLogin
	KindNote     = entry.KindNote
	KindCard     = entry.KindCard
	KindIdentity = entry.KindIdentity
	KindSSH      = entry.KindSSH
	KindAPI      = entry.KindAPI
	KindWiFi     = entry.KindWiFi
	KindPasskey  = entry.KindPasskey
	KindTOTP     = entry.KindTOTP
	KindDocument = entry.KindDocument
	KindFile     = entry.KindFile
	KindCustom   = entry.KindCustom
)

// The CXF credential types that code names.
const (
	BasicAuth  = entry.BasicAuth
	TOTP       = entry.TOTP
	Passkey    = entry.Passkey
	Note       = entry.Note
	CreditCard = entry.CreditCard
	PersonName = entry.PersonName
	Address    = entry.Address
	SSHKey     = entry.SSHKey
	APIKey     = entry.APIKey
	WiFi       = entry.WiFi
	File       = entry.File
	CustomType = entry.Custom
)

// The functions of the entry model that callers outside the vault need.
var (
	Kinds          = entry.Kinds
	KindOf         = entry.KindOf
	Spec           = entry.Spec
	Specs          = entry.Specs
	ParseFieldName = entry.ParseFieldName
	SystemIDs      = entry.SystemIDs
	NewTOTP        = entry.NewTOTP
	NewFolder      = entry.NewFolder
	Trash          = entry.Trash
	Untrash        = entry.Untrash
	SetEdit        = entry.Set
	RemoveEdit     = entry.Remove
	Fold           = entry.Fold
	Words          = entry.Words
	SearchText     = entry.SearchText
	FolderWord     = entry.FolderWord
	KindWord       = entry.KindWord
	InFolder       = entry.InFolder
	FormatTime     = entry.FormatTime
	ParseTime      = entry.ParseTime
	Host           = entry.Host
)

// IsFileField reports whether FIELD names an attachment: file, or file#2 for the second.
func IsFileField(name string) bool { return entry.IsFileField(name) }

// AttachmentPath is the path of the value that says where a file credential's bytes are.
func AttachmentPath(c Credential) string { return entry.AttachmentPath(c) }
