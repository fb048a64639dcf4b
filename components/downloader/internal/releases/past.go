package releases

import (
	"strconv"
	"strings"
	"time"

	"doit-wasm.dev/components/downloader/internal/pace"
)

// Resume takes up the pace of the last run of the same client, so that two runs in a row stay within
// the limits of one. What two of them send at the same time is not known to either.
func (p *Poller) Resume() {
	for host, pacer := range p.Loop.Pacers {
		if p.Cache == nil {
			return
		}
		if text, ok := p.Cache.Load(p.pastKey(host)); ok {
			pacer.Resume(p.Loop.Host.Elapsed(), readPast(text, p.Loop.Host.Now()))
		}
	}
}

// Remember keeps the pace for the next run. If it cannot be kept, neither can answers, and that is
// reported with the first of them.
func (p *Poller) Remember() {
	for host, pacer := range p.Loop.Pacers {
		if p.Cache == nil {
			return
		}
		past := pacer.Past(p.Loop.Host.Elapsed())
		_ = p.Cache.Save(p.pastKey(host), writePast(past, p.Loop.Host.Now()))
	}
}

func (p *Poller) pastKey(host string) string {
	return "pace\n" + host + "\n" + p.Cache.Sum(p.API.Token.Secret)
}

// writePast writes a line with the moment of renewal, or 0, and one for each second in which requests
// ended: the second and their number.
func writePast(past pace.Past, now time.Time) string {
	renewal := int64(0)
	if past.Renewal > 0 {
		renewal = now.Add(past.Renewal).Unix() + 1
	}
	var out strings.Builder
	line := func(moment int64, count int) {
		out.WriteString(strconv.FormatInt(moment, 10) + " " + strconv.Itoa(count) + "\n")
	}
	line(renewal, 0)
	second, count := int64(0), 0
	for _, age := range past.Ages {
		if ended := now.Add(-age).Unix() + 1; ended == second { // rounded up, so that none counts too short
			count++
		} else {
			if count > 0 {
				line(second, count)
			}
			second, count = ended, 1
		}
	}
	if count > 0 {
		line(second, count)
	}
	return out.String()
}

// maxRenewal bounds what is believed of a clock that may have been set.
const maxRenewal = time.Hour

// readPast reads what writePast wrote; lines of another form are passed over.
func readPast(text string, now time.Time) (past pace.Past) {
	for i, line := range strings.Split(text, "\n") {
		first, second, _ := strings.Cut(line, " ")
		moment, err := strconv.ParseInt(first, 10, 64)
		count, err2 := strconv.Atoi(second)
		if err != nil || err2 != nil {
			continue
		}
		age := now.Sub(time.Unix(moment, 0))
		if i == 0 {
			past.Renewal = min(max(-age, 0), maxRenewal)
			continue
		}
		for range min(count, maxCounted) {
			past.Ages = append(past.Ages, age)
		}
	}
	return past
}

// maxCounted is more than any server allows in a second.
const maxCounted = 1_000_000
