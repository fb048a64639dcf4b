package releases

import (
	"slices"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
)

func TestThePastOfARunIsKept(t *testing.T) {
	now := time.Unix(1_800_000_000, 400_000_000)
	past := pace.Past{
		Ages:    []time.Duration{59500 * time.Millisecond, 59 * time.Second, 3 * time.Second, 3 * time.Second, 0},
		Renewal: 100 * time.Second,
	}
	text := writePast(past, now)
	if want := "1800000101 0\n1799999941 1\n1799999942 1\n1799999998 2\n1800000001 1\n"; text != want {
		t.Errorf("writePast() = %q, want %q", text, want)
	}
	later := now.Add(10 * time.Second)
	got := readPast(text, later)
	want := []time.Duration{69400 * time.Millisecond, 68400 * time.Millisecond, 12400 * time.Millisecond, 12400 * time.Millisecond, 9400 * time.Millisecond}
	if !slices.Equal(got.Ages, want) || got.Renewal != 90600*time.Millisecond {
		t.Errorf("readPast() = %v, want %v and a renewal in 90.6 s", got, want)
	}
}

func TestThePastOfAClockThatWasSetIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	text := writePast(pace.Past{Ages: []time.Duration{0}, Renewal: 30 * time.Minute}, now)
	for _, years := range []int{-1, 1} {
		got := readPast(text, now.AddDate(years, 0, 0))
		if got.Renewal > maxRenewal || len(got.Ages) != 1 {
			t.Errorf("%d years: got %v, want one request and a renewal within an hour", years, got)
		}
	}
	if got := readPast("x\n1 y\n\n", now); got.Renewal != 0 || got.Ages != nil {
		t.Errorf("got %v of what is no past, want nothing", got)
	}
}
