package main

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"doit-wasm.dev/components/downloader/internal/transport/fake"
)

// Rules are the limits that a server enforces for a client; zero is no limit.
type Rules struct {
	// Hour is how many requests are answered in an hour, Free whether an unchanged answer counts.
	Hour int
	Free bool
	// Minute is how many may come in any minute, Concurrent how many may be in flight.
	Minute, Concurrent int
}

// Use is how far a client went.
type Use struct {
	Requests, Counted, Refused       int
	MostHour, MostMinute, MostAtOnce int
}

// server answers a client, and enforces its rules on the way.
type server struct {
	rules   Rules
	random  *rand.Rand
	epoch   time.Time // when the clock was zero
	changed func(request fake.Asked) bool

	use    Use
	resets time.Duration // when the hour ends
	used   int           // in the hour
	recent []time.Duration
	ends   []time.Duration // of what is in flight
}

// errBroken is what one request in five hundred ends with.
var errBroken = errors.New("connection reset")

// serve answers a request, which reaches the server at some time before its answer does.
func (s *server) serve(asked fake.Asked) fake.Reply {
	delay := 50*time.Millisecond + time.Duration(s.random.ExpFloat64()*float64(150*time.Millisecond))
	arrives := asked.At + time.Duration(s.random.Float64()*float64(delay))
	s.use.Requests++
	tooFast := s.count(asked.At, arrives, asked.At+delay)
	used := s.roll(asked.At)
	reply := fake.Reply{Delay: delay}
	switch {
	case s.random.IntN(500) == 0:
		reply.Broken = errBroken
	case tooFast:
		s.use.Refused++
		reply.Status, reply.Body = 403, `{"message":"You have exceeded a secondary rate limit."}`
	case s.rules.Hour > 0 && used >= s.rules.Hour:
		s.use.Refused++
		reply.Status, reply.Body = 403, `{"message":"API rate limit exceeded."}`
	case s.changed(asked):
		s.charge()
	default:
		reply.Status = 304
		if !s.rules.Free {
			s.charge()
		}
	}
	if s.rules.Hour > 0 {
		reply.Headers = map[string]string{
			"X-RateLimit-Remaining": strconv.Itoa(max(s.rules.Hour-s.used, 0)),
			"X-RateLimit-Reset":     strconv.FormatInt(s.epoch.Add(s.resets).Unix(), 10),
		}
	}
	return reply
}

// roll begins a new hour if the last one is over, and returns how many requests it has had.
func (s *server) roll(now time.Duration) int {
	if now >= s.resets {
		s.resets, s.used = now.Truncate(time.Second)+time.Hour, 0
	}
	return s.used
}

func (s *server) charge() {
	s.used++
	s.use.Counted++
	s.use.MostHour = max(s.use.MostHour, s.used)
}

// count tells whether a request is one too many: in any minute, or at once.
func (s *server) count(sent, arrives, ends time.Duration) (tooFast bool) {
	at, _ := slices.BinarySearch(s.recent, arrives)
	s.recent = slices.Insert(s.recent, at, arrives)
	minute := 0
	for i := at; i < len(s.recent); i++ { // some that were sent before may arrive after
		first, _ := slices.BinarySearch(s.recent, s.recent[i]-time.Minute+1)
		minute = max(minute, i+1-first)
	}
	old, _ := slices.BinarySearch(s.recent, sent-time.Minute)
	s.recent = s.recent[old:]
	s.ends = append(slices.DeleteFunc(s.ends, func(end time.Duration) bool { return end <= sent }), ends)
	s.use.MostMinute, s.use.MostAtOnce = max(s.use.MostMinute, minute), max(s.use.MostAtOnce, len(s.ends))
	return s.rules.Minute > 0 && minute > s.rules.Minute || s.rules.Concurrent > 0 && len(s.ends) > s.rules.Concurrent
}
