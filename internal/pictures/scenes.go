package main

// scene is one picture: how large, what is pressed, what must be seen before it is taken.
type scene struct {
	name, title string
	w, h        int
	do          func(*terminal) error
}

// steps runs one after the other until one fails.
func steps(fs ...func(*terminal) error) func(*terminal) error {
	return func(t *terminal) error {
		for _, f := range fs {
			if err := f(t); err != nil {
				return err
			}
		}
		return nil
	}
}

func press(keys ...string) func(*terminal) error {
	return func(t *terminal) error { return t.press(keys...) }
}

func typed(text string) func(*terminal) error {
	return func(t *terminal) error { return t.typed(text) }
}

func want(texts ...string) func(*terminal) error {
	return func(t *terminal) error { return t.want(texts...) }
}

// chord presses a key behind the leader, which works wherever the focus is.
func chord(key string) func(*terminal) error { return press("C-x", key) }

// unlocked opens the vault.
var unlocked = steps(want("Passphrase"), typed("another "+passphrase), press("Enter"), want("GitHub", "Alarm code"))

// scenes are the pictures, in the order of docs/TOUR.md.
var scenes = []scene{
	{"list", "The list beside the entry under the cursor, with its one-time code", 118, 30, steps(unlocked, want("One-time code", "be 1, bs 1"))},
	{"search", "Three letters in the search line, the matching letters marked", 80, 16, steps(unlocked, typed("exa"), want("Example Bank", "Example Cloud"))},
	{"entry", "An entry with its one-time code, its passkey and the history of its password", 92, 30, steps(unlocked, press("Right"), want("One-time code", "in this vault"))},
	{"edit", "A password is generated inside the form", 92, 30, steps(unlocked, chord("e"), want("GitHub"), press("Tab", "Tab"), press("C-g"), want("bits"))},
	{"palette", "The command palette: everything that can be done now, with its keys", 92, 26, steps(unlocked, chord("C-x"), want("copy password"))},
	{"audit", "What the audit finds, and what to do about it", 110, 28, steps(unlocked, chord("A"), want("Forum"))},
	{"passkeys", "All passkeys by site and account: where their keys live and what that means", 110, 24, steps(unlocked, chord("P"), want("3 passkeys"), press("Down", "Down"), want("Its key is on one device"))},
	{"ways", "The ways into the vault and its devices, with what is lost when one is lost", 110, 24, steps(unlocked, chord("W"), want("3 ways in"), press("Down", "Down"), want("When lost"))},
	{"settings", "A setting with its meaning, where its value comes from, and its default", 110, 24, steps(unlocked, chord(","), want("lock.idle"))},
	{"export", "What an export would write, and what it cannot hold", 92, 22, steps(
		unlocked, chord("x"), want("Protection"), press("Tab", "Tab", "Tab"), typed(filePass), press("Tab"), typed(filePass), press("Enter"), want("what would be written", "Tax office"),
	)},
}
