package format

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// The code as words: BIP 39, English, 24 words: 256 bits of the seed and the first eight of its SHA-256, eleven bits a word.

const (
	wordCount = 24
	wordBits  = 11
)

// Words returns the code as words with a checksum (24 words of a published list).
func (c RecoveryCode) Words() []string {
	seed := c.Seed.Reveal()
	if len(seed) != seedLen {
		return nil
	}
	list := strings.Fields(wordList)
	sum := sha256.Sum256(seed)
	bits := append(bytes.Clone(seed), sum[0])
	defer clear(bits)
	words := make([]string, wordCount)
	for i := range words {
		n := 0
		for b := i * wordBits; b < (i+1)*wordBits; b++ {
			n = n<<1 | int(bits[b/8]>>(7-b%8)&1)
		}
		words[i] = list[n]
	}
	return words
}

// parseWords reads 24 words; the first four letters of each are enough, numbers and punctuation between them do no harm.
func parseWords(text []byte) ([]byte, error) {
	words := bytes.FieldsFunc(bytes.ToLower(text), notLetter)
	if len(words) != wordCount {
		return nil, fmt.Errorf("there are %d words instead of %d", len(words), wordCount)
	}
	bits := make([]byte, seedLen+1)
	for i, w := range words {
		n, ok := wordIndex(string(w))
		if !ok {
			clear(bits)
			return nil, fmt.Errorf("word %d is not in the list", i+1)
		}
		for b := range wordBits {
			at := i*wordBits + b
			bits[at/8] |= byte(n>>(wordBits-1-b)&1) << (7 - at%8)
		}
	}
	if sha256.Sum256(bits[:seedLen])[0] != bits[seedLen] {
		clear(bits)
		return nil, errors.New("a word is wrong or in the wrong place")
	}
	return bits[:seedLen:seedLen], nil
}

// wordIndex finds a word, or the one that begins with it when it has four letters or more.
func wordIndex(word string) (int, bool) {
	list := strings.Fields(wordList)
	i, found := slices.BinarySearch(list, word)
	if !found && (len(word) < 4 || i == len(list) || !strings.HasPrefix(list[i], word)) {
		return 0, false
	}
	return i, true
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }
