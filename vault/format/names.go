package format

// FileKind is what a synced path names.
type FileKind int

// The kinds of synced file (vault.md 5.2).
const (
	FileUnknown FileKind = iota // not ours: foreign names are ignored
	FileSlot                    // epochs/<e6>/<kind>-<member8>-<h32>.age
	FilePrev                    // epochs/<e6>/prev-<h32>.age
	FileRoster                  // roster/<n6>-<h32>.age
	FileLog                     // log/<log8>/<seq8>-<h32>.age
	FileAtt                     // att/<h32>.age
)

// Name is a parsed path of a synced file, always with forward slashes.
type Name struct {
	Kind   FileKind
	H32    string     // first 32 hex of SHA-256 over the file's bytes
	Epoch  int        // FileSlot, FilePrev
	Member string     // FileSlot: member8
	Of     MemberKind // FileSlot
	Count  int        // FileRoster: number of statements
	Log    string     // FileLog: log8
	Seq    int        // FileLog
}

// Path renders the name.
func (n Name) Path() string { panic("contract: format.Name.Path") }

// ParseName reads a path; FileUnknown for everything that is not exactly a name of format 1.
func ParseName(path string) Name { panic("contract: format.ParseName") }

// H32 returns the first 32 hex of SHA-256 over a file's bytes: a name and an integrity check, never an identity.
func H32(file []byte) string { panic("contract: format.H32") }

// Padme returns the padded length of n bytes, at least floor (Padmé: at most 12 % more, leaks O(log log n) bits).
func Padme(n, floor int) int { panic("contract: format.Padme") }
