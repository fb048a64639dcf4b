package main

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
	"doit-wasm.dev/components/downloader/internal/transport"
	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// Client is an updater with its own token or address, and what it watches.
type Client struct {
	Name  string
	Rules Rules
	// Pace is how fast it may ask; without points, as fast as it is answered.
	Pace  pace.Limits
	Share float64 // of all repositories
}

// tool is a watched repository, and what the client knows about it.
type tool struct {
	interval time.Duration
	isHooked bool            // whether it sends word of its releases
	releases []time.Duration // when each was published, in order
	hooks    []time.Duration // when word of a release arrives, in order; fewer where it is lost
	polled   time.Duration   // when it was polled; negative: never
	marked   bool
	seen     int // releases that were found
}

// simulated is a client at work.
type simulated struct {
	Client
	server
	host   *fake.Host
	tools  []*tool
	past   pace.Past     // of the last run
	ended  time.Duration // when it ended
	delays delays
}

// kind is a kind of tool whose delays are looked at together.
type kind struct {
	interval time.Duration
	isHooked bool
}

type delays map[kind][]time.Duration

// every is how often a run is scheduled, and settle how long word of a release waits for others.
const (
	every  = 15 * time.Minute
	settle = 5 * time.Second
)

// start is the moment at which the clock is zero.
var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func newSimulated(client Client, tools []*tool, seed uint64) *simulated {
	s := &simulated{Client: client, tools: tools, delays: delays{}}
	s.server = server{
		rules: client.Rules, random: rand.New(rand.NewPCG(seed, 2)), epoch: start,
		changed: func(asked fake.Asked) bool {
			tool := tools[number(asked.URL)]
			return tool.polled < 0 || published(tool, asked.At) > tool.seen
		},
	}
	s.host = &fake.Host{Start: start, Serve: s.serve}
	return s
}

func number(url string) int {
	number, err := strconv.Atoi(url[strings.LastIndexByte(url, '/')+1:])
	if err != nil {
		panic(err)
	}
	return number
}

// published returns how many releases there are at a time.
func published(t *tool, now time.Duration) int {
	count, _ := slices.BinarySearch(t.releases, now)
	return count
}

// isDue is the rule of pipeline/checksums/due.py: a tool that was never polled, that is marked, whose
// interval is over, or whose last poll lies in the future.
func isDue(now, polled, interval time.Duration, marked bool) bool {
	since := now - polled
	return polled < 0 || marked || since < 0 || since >= interval
}

// simulate goes on for a time: a run at each quarter of an hour, and one when word of a release comes.
func (s *simulated) simulate(length time.Duration) {
	for {
		next := s.host.Clock.Truncate(every) + every
		if s.host.Clock == 0 && s.use.Requests == 0 {
			next = 0
		}
		next = min(next, s.word()+settle)
		if next > length {
			return
		}
		s.host.Clock = max(s.host.Clock, next)
		s.hear()
		var due []int
		for i, tool := range s.tools {
			if isDue(s.host.Clock, tool.polled, tool.interval, tool.marked) {
				due = append(due, i)
			}
		}
		if len(due) > 0 {
			s.run(due)
		}
		s.host.Clock++
	}
}

// word returns when word of the next release comes.
func (s *simulated) word() time.Duration {
	next := time.Duration(1<<62 - 1)
	for _, tool := range s.tools {
		if len(tool.hooks) > 0 {
			next = min(next, tool.hooks[0])
		}
	}
	return next
}

// hear marks the tools of which word has come.
func (s *simulated) hear() {
	for _, tool := range s.tools {
		for len(tool.hooks) > 0 && tool.hooks[0] <= s.host.Clock {
			tool.hooks, tool.marked = tool.hooks[1:], true
		}
	}
}

// run polls tools as the updater does, with its loop and its pacer.
func (s *simulated) run(due []int) {
	loop := &transport.Loop{
		Host: s.host, Hosts: transport.Hosts{"host"},
		Limits: transport.Limits{Width: 100, Bulk: 8, Buffered: 12 << 20, Wait: time.Minute},
	}
	pacer := pace.New(s.Pace)
	if s.Pace.Points > 0 {
		since := s.host.Clock - s.ended
		for i := range s.past.Ages {
			s.past.Ages[i] += since
		}
		s.past.Renewal -= since
		pacer.Resume(s.host.Clock, s.past)
		loop.Pacers = map[string]*pace.Pacer{"host": pacer}
	}
	for _, number := range due {
		tool := s.tools[number]
		asked := &answer{simulated: s, tool: tool}
		loop.Get(transport.Query{
			URL: "https://host/repos/" + strconv.Itoa(number), Conditional: true, Sink: asked, Done: asked.done,
		})
	}
	for !loop.Idle() {
		loop.Step(time.Second)
	}
	s.past, s.ended = pacer.Past(s.host.Clock), s.host.Clock
	s.host.Asked = nil
}

// answer takes what the server says about a tool.
type answer struct {
	*simulated
	tool  *tool
	found int // releases, as the head came
}

// errUnexpected is an answer with a body, of which this server sends none.
var errUnexpected = errors.New("an answer has a body")

func (a *answer) Begin(*transport.Head) error {
	a.found = published(a.tool, a.host.Clock)
	return nil
}

func (*answer) Write(bytes []byte) error { return errUnexpected }
func (*answer) End() error               { return nil }

func (a *answer) done(err error) {
	if err != nil {
		return // it stays due
	}
	now := a.host.Clock
	// Those from before the first poll were not waited for.
	if a.tool.polled >= 0 {
		of := kind{a.tool.interval, a.tool.isHooked}
		for _, at := range a.tool.releases[a.tool.seen:a.found] {
			a.delays[of] = append(a.delays[of], now-at)
		}
	}
	a.tool.seen, a.tool.polled, a.tool.marked = a.found, now, false
}
