package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
)

func TestAFewDaysMeetNoLimit(t *testing.T) {
	var out strings.Builder
	if err := report(&out, 3000, 3, 1); err != nil {
		t.Errorf("got %v, want no limit met\n%s", err, out.String())
	}
	if strings.Contains(out.String(), "| - |") {
		t.Errorf("got a table without delays:\n%s", out.String())
	}
}

func TestWithoutAPaceTheServerRefuses(t *testing.T) {
	client := clients[0]
	client.Pace = pace.Limits{}
	s := newSimulated(client, draw(1500, 1, false, 1), 1)
	s.simulate(day)
	if len(exceeded(client, s.use)) == 0 {
		t.Errorf("got %+v, want limits met", s.use)
	}
}

func TestEachToolIsPolledOnceInItsInterval(t *testing.T) {
	client := clients[0]
	s := newSimulated(client, draw(200, 2, false, 1), 1)
	s.simulate(2 * day)
	least, most := 0, 0
	for _, tool := range s.tools {
		polls := int(2 * day / tool.interval)
		least, most = least+polls*8/10, most+polls+1
		if age := s.host.Clock - tool.polled; age > tool.interval+2*every {
			t.Errorf("got a poll %s ago, want one in each %s", age, tool.interval)
		}
	}
	if s.use.Requests < least || s.use.Requests > most*102/100 {
		t.Errorf("got %d requests, want %d to %d", s.use.Requests, least, most)
	}
}

// The table is also that of tests/checksums/test_due_table.py: one rule, in two languages.
func TestTheRuleIsThatOfTheTable(t *testing.T) {
	text, err := os.ReadFile("testdata/due.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		About                 string
		Now, Polled, Interval float64
		Marked, Due           bool
	}
	if err := json.Unmarshal(text, &rows); err != nil || len(rows) < 8 {
		t.Fatalf("got %d rows, %v, want at least 8", len(rows), err)
	}
	seconds := func(number float64) time.Duration { return time.Duration(number * float64(time.Second)) }
	for _, row := range rows {
		if got := isDue(seconds(row.Now), seconds(row.Polled), seconds(row.Interval), row.Marked); got != row.Due {
			t.Errorf("%s: got %t, want %t", row.About, got, row.Due)
		}
	}
}
