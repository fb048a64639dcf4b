package plaintext

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func wideText(text string, order binary.AppendByteOrder, mark string) string {
	bytes := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		bytes = order.AppendUint16(bytes, unit)
	}
	return string(bytes)
}

func TestEveryEncodingOfATextIsRead(t *testing.T) {
	for _, text := range []string{"", "a", "ab  c\r\n", "é 哈希 🦀\n", "a\x00b"} {
		forms := map[string]string{
			"UTF-8":                text,
			"UTF-8 with a mark":    utf8Mark + text,
			"UTF-16LE with a mark": wideText(text, binary.LittleEndian, littleEndian),
			"UTF-16BE with a mark": wideText(text, binary.BigEndian, bigEndian),
		}
		if len(text) > 1 && text[0] < 0x80 && text[1] != 0 {
			forms["UTF-16LE"] = wideText(text, binary.LittleEndian, "")
			forms["UTF-16BE"] = wideText(text, binary.BigEndian, "")
		}
		for form, encoded := range forms {
			if got := Decode(encoded); got != text {
				t.Errorf("%s: got %q, want %q", form, got, text)
			}
		}
	}
}

func TestWhatIsNoTextBecomesUTF8(t *testing.T) {
	for encoded, want := range map[string]string{
		"caf\xe9 \xff":          "caf\uFFFD \uFFFD",
		"\xff\xfea\x00b":        "a\uFFFD",
		"\xff\xfe\x00\xd8a\x00": "\uFFFDa",
		"\xff\xfe\x00\xdc":      "\uFFFD",
		"\xfe\xff\xd8\x00":      "\uFFFD",
		"\xed\xa0\x80":          "\uFFFD",
		"\x00\x00\x00":          "\x00\x00\x00",
	} {
		if got := Decode(encoded); got != want || !utf8.ValidString(got) {
			t.Errorf("%q: got %q, want %q", encoded, got, want)
		}
	}
	if Wide("\xe9") || Wide(utf8Mark) || !Wide(littleEndian) || !Wide(bigEndian) {
		t.Errorf("Wide() = %t, %t, %t, %t, want false, false, true, true", Wide("\xe9"), Wide(utf8Mark), Wide(littleEndian), Wide(bigEndian))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("\xff\xfea\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if got := Decode(text); !utf8.ValidString(got) {
			t.Errorf("Decode(%q) = %q, want UTF-8", text, got)
		}
	})
}
