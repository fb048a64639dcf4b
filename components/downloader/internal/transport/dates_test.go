package transport

import (
	"testing"
	"time"
)

func TestDatesAreThoseOfTheLibrary(t *testing.T) {
	const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"
	for _, seconds := range []int64{0, 951782400, 951868799, 1772704800, 4102444799, 253402300799} {
		moment := time.Unix(seconds, 0).UTC()
		text := moment.Format(httpDate)
		if got, ok := ParseDate(text); !ok || !got.Equal(moment) {
			t.Errorf("ParseDate(%q) = %s, %t, want %s, true", text, got, ok, moment)
		}
		day := moment.Format(time.DateOnly)
		if got, ok := ParseDay(day); !ok || got.Format(time.DateOnly) != day || Day(moment) != day {
			t.Errorf("ParseDay(%q) = %s, %t, Day() = %q, want %s, true, %q", day, got, ok, Day(moment), day, day)
		}
	}
	for _, text := range []string{
		"", "x", "Thu, ", "Thu, 05 Mar 2026 10:00:00", "Thu, 05 Mar 2026 10:00:00 UTC", "Thu, 05 arM 2026 10:00:00 GMT",
		"Thu, 31 Feb 2026 10:00:00 GMT", "Thu, 05 Mar 2026 24:00:00 GMT", "Thu, 05 Mar 2026 10:60:00 GMT", "Thu, +5 Mar 2026 10:00:00 GMT",
		"Thu, 05-Mar-2026 10:00:00 GMT", "Thursday, 05-Mar-26 10:00:00 GMT", "Thu, 00 Mar 2026 10:00:00 GMT", "Thu, 05 Mar 2026 10:00:0\xff GMT",
	} {
		if got, ok := ParseDate(text); ok {
			t.Errorf("ParseDate(%q) = %s, true, want false", text, got)
		}
	}
	for _, text := range []string{"", "2026-02-30", "2026-13-01", "2026-00-01", "2026-1-1", "2026/01/01", "2026-01-0x", "-026-01-01"} {
		if got, ok := ParseDay(text); ok {
			t.Errorf("ParseDay(%q) = %s, true, want false", text, got)
		}
	}
}
