package tui

import "testing"

func TestANoticeIsShortenedInItsName(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"“Hislogo Music 193” is in the trash", "“Hislogo Musi…” is in the trash"}, {"“Mail” is saved", "“Mail” is saved"}, {"20 entries are moved", "20 entries are moved"},
		{"odd ” and “", "odd ” and “"}, {"“a very long “quoted” name here” is saved", "“a very long…” is saved"},
	} {
		if got := shortened(c[0]); got != c[1] {
			t.Errorf("%q becomes %q, not %q", c[0], got, c[1])
		}
	}
}

// In a narrow window the way back is still told.
func TestANarrowNoticeKeepsHowToUndo(t *testing.T) {
	t.Parallel()
	drive(t, 44, 15, opened).want("15").keys("ctrl+x d").want("trash", "z undoes it")
}
