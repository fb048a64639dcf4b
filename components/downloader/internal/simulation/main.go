// Command simulation polls many repositories for many days, with the pace and the event loop of the
// updater on a clock that does not wait, against servers that enforce what github.com documents. It
// prints how long a release takes to be found, and fails if a limit was met.
//
//	go run ./internal/simulation -repositories 10000 -days 30
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
)

// clients are two tokens, the token of a workflow, an address without one, and an Enterprise server
// that has no limits.
var clients = []Client{
	{"token A, github.com", Rules{Hour: 5000, Free: true, Minute: 900, Concurrent: 100}, pace.GitHub(900), 0.45},
	{"token B, github.com", Rules{Hour: 5000, Free: true, Minute: 900, Concurrent: 100}, pace.GitHub(900), 0.35},
	{"workflow, github.com", Rules{Hour: 1000, Free: true, Minute: 900, Concurrent: 100}, pace.GitHub(900), 0.09},
	{"no token, github.com", Rules{Hour: 60, Minute: 900, Concurrent: 100}, pace.GitHub(900), 0.01},
	{"Enterprise server", Rules{Free: true}, pace.Limits{}, 0.1},
}

// intervals are how often tools are polled, and how many of them; hook is how many tools send word.
var intervals = []struct {
	every time.Duration
	share float64
}{{time.Hour, 0.1}, {6 * time.Hour, 0.2}, {24 * time.Hour, 0.7}}

const (
	hooked = 0.5  // of the tools send word of a release
	lost   = 0.01 // of the words never arrive
	day    = 24 * time.Hour
)

func main() {
	repositories := flag.Int("repositories", 10_000, "how many are watched")
	days := flag.Int("days", 30, "for how long")
	seed := flag.Uint64("seed", 1, "what releases and networks are drawn from")
	flag.Parse()
	if err := report(os.Stdout, *repositories, *days, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report simulates without and with webhooks and writes two tables: what each client asked for, and
// how long releases took to be found.
func report(out io.Writer, repositories, days int, seed uint64) error {
	var lines, broken []string
	found := delays{}
	for _, hooks := range []bool{false, true} {
		for i, client := range clients {
			count := int(math.Round(client.Share * float64(repositories)))
			s := newSimulated(client, draw(count, days, hooks, seed+uint64(i)), seed+uint64(i))
			s.simulate(time.Duration(days) * day)
			for kind, delays := range s.delays {
				if kind.isHooked == hooks {
					found[kind] = append(found[kind], delays...)
				}
			}
			lines = append(lines, row(client, count, hooks, s.use))
			broken = append(broken, exceeded(client, s.use)...)
		}
	}
	fmt.Fprintf(out, "| client | repositories | webhooks | requests | counted | most in an hour | in a minute | at once | refused |\n|---|---|---|---|---|---|---|---|---|\n%s\n\n", strings.Join(lines, "\n"))
	fmt.Fprintln(out, "| interval | webhook | releases | found after, median | 99 of 100 |\n|---|---|---|---|---|")
	for _, hooks := range []bool{false, true} {
		for _, interval := range intervals {
			delays := found[kind{interval.every, hooks}]
			fmt.Fprintf(out, "| %s | %s | %d | %s | %s |\n", short(interval.every), map[bool]string{false: "no", true: "yes"}[hooks], len(delays), at(delays, 0.5), at(delays, 0.99))
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("limits were met:\n%s", strings.Join(broken, "\n"))
	}
	return nil
}

// draw makes tools whose releases come at random: weekly, monthly or quarterly.
func draw(count, days int, hooks bool, seed uint64) (tools []*tool) {
	random := rand.New(rand.NewPCG(seed, 1))
	length := time.Duration(days) * day
	for range count {
		t := &tool{polled: -1, interval: intervals[len(intervals)-1].every}
		choice := random.Float64()
		for _, interval := range intervals {
			if choice -= interval.share; choice < 0 {
				t.interval = interval.every
				break
			}
		}
		apart := []time.Duration{7 * day, 30 * day, 90 * day}[random.IntN(3)]
		draws := random.Float64() < hooked // with or without webhooks, or the releases would not be the same
		t.isHooked = hooks && draws
		for at := time.Duration(0); ; {
			if at += time.Duration(random.ExpFloat64() * float64(apart)); at > length {
				break
			}
			t.releases = append(t.releases, at)
			arrives, isLost := at+time.Second+time.Duration(random.Int64N(int64(10*time.Second))), random.Float64() < lost
			if t.isHooked && !isLost {
				t.hooks = append(t.hooks, arrives)
			}
		}
		slices.Sort(t.hooks)
		tools = append(tools, t)
	}
	return tools
}

func row(client Client, count int, hooks bool, use Use) string {
	words := map[bool]string{false: "no", true: "half"}
	return fmt.Sprintf("| %s | %d | %s | %d | %d | %s | %s | %s | %d |", client.Name, count, words[hooks], use.Requests, use.Counted,
		of(use.MostHour, client.Rules.Hour), of(use.MostMinute, client.Rules.Minute), of(use.MostAtOnce, client.Rules.Concurrent), use.Refused)
}

func of(most, limit int) string {
	if limit == 0 {
		return fmt.Sprint(most)
	}
	return fmt.Sprintf("%d of %d", most, limit)
}

// exceeded names the limits that a client met.
func exceeded(client Client, use Use) (broken []string) {
	for name, c := range map[string][2]int{
		"hour": {use.MostHour, client.Rules.Hour}, "minute": {use.MostMinute, client.Rules.Minute}, "at once": {use.MostAtOnce, client.Rules.Concurrent},
	} {
		if c[1] > 0 && c[0] > c[1] {
			broken = append(broken, fmt.Sprintf("%s: %s: %d of %d", client.Name, name, c[0], c[1]))
		}
	}
	if use.Refused > 0 {
		broken = append(broken, fmt.Sprintf("%s: %d requests were refused", client.Name, use.Refused))
	}
	return broken
}

// at returns a quantile, in the largest unit that says enough.
func at(delays []time.Duration, quantile float64) string {
	if len(delays) == 0 {
		return "-"
	}
	slices.Sort(delays)
	return short(delays[int(quantile*float64(len(delays)-1))])
}

func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	case d >= time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	default:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
}
