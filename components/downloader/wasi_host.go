package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	monotonicclock "doit-wasm.dev/components/downloader/internal/gen/wasi/clocks/monotonic-clock"
	outgoinghandler "doit-wasm.dev/components/downloader/internal/gen/wasi/http/outgoing-handler"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/http/types"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/io/poll"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/random/insecure"
	"doit-wasm.dev/components/downloader/internal/transport"
	"go.bytecodealliance.org/cm"
)

// The host's own limits are ten minutes each. The loop ends a slow transfer before the last one does.
const (
	connectTimeout      = 10 * time.Second
	firstByteTimeout    = 30 * time.Second
	betweenBytesTimeout = 60 * time.Second
)

// wasiHost sends requests through wasi:http and waits with wasi:io.
type wasiHost struct {
	pollables []poll.Pollable
}

var _ transport.Host = (*wasiHost)(nil)

// Send begins one request.
func (*wasiHost) Send(request *transport.Request) (transport.Exchange, error) {
	outgoing, err := lowerRequest(request)
	if err != nil {
		return nil, err
	}
	future, code, failed := outgoinghandler.Handle(outgoing, cm.Some(requestOptions())).Result()
	if failed {
		return nil, liftErrorCode(code)
	}
	return &wasiExchange{future: future, ready: future.Subscribe()}, nil
}

// Wait polls all exchanges and a timer.
func (h *wasiHost) Wait(exchanges []transport.Exchange, limit time.Duration) []int {
	h.pollables = h.pollables[:0]
	for _, exchange := range exchanges {
		h.pollables = append(h.pollables, exchange.(*wasiExchange).ready)
	}
	timer := monotonicclock.SubscribeDuration(monotonicclock.Duration(limit))
	h.pollables = append(h.pollables, timer)
	var ready []int
	for _, i := range poll.Poll(cm.ToList(h.pollables)).Slice() {
		if int(i) < len(exchanges) {
			ready = append(ready, int(i))
		}
	}
	timer.ResourceDrop()
	forgetGiven()
	return ready
}

func (*wasiHost) Elapsed() time.Duration { return time.Duration(monotonicclock.Now()) }

func (*wasiHost) Now() time.Time { return time.Now() }

func (*wasiHost) Random() float64 { return float64(insecure.GetInsecureRandomU64()>>11) / (1 << 53) }

// lowerRequest makes a GET request, whose handler takes ownership of it.
func lowerRequest(request *transport.Request) (types.OutgoingRequest, error) {
	fields := types.NewFields()
	for _, header := range request.Headers {
		value := types.FieldValue(cm.ToList([]byte(header.Value)))
		if _, reason, failed := fields.Append(types.FieldKey(header.Name), value).Result(); failed {
			fields.ResourceDrop()
			// The value may be a secret.
			return cm.ResourceNone, fmt.Errorf("header %s: %s", header.Name, reason)
		}
	}
	scheme := types.SchemeHTTPS()
	if request.URL.Scheme == "http" {
		scheme = types.SchemeHTTP()
	}
	outgoing := types.NewOutgoingRequest(fields)
	// RequestURI keeps path and query byte for byte; rebuilt ones would break a signature.
	for _, refused := range []cm.BoolResult{
		outgoing.SetMethod(types.MethodGet()),
		outgoing.SetScheme(cm.Some(scheme)),
		outgoing.SetAuthority(cm.Some(request.URL.Host)),
		outgoing.SetPathWithQuery(cm.Some(request.URL.RequestURI())),
	} {
		if refused == cm.ResultErr {
			outgoing.ResourceDrop()
			return cm.ResourceNone, errors.New("the host refuses the url")
		}
	}
	return outgoing, nil
}

// requestOptions sets our time limits; a host that does not support them keeps its own.
func requestOptions() types.RequestOptions {
	options := types.NewRequestOptions()
	options.SetConnectTimeout(cm.Some(types.Duration(connectTimeout)))
	options.SetFirstByteTimeout(cm.Some(types.Duration(firstByteTimeout)))
	options.SetBetweenBytesTimeout(cm.Some(types.Duration(betweenBytesTimeout)))
	return options
}

// liftErrorCode names the case, with the details that the host adds.
func liftErrorCode(code types.ErrorCode) error {
	if internal := code.InternalError(); internal != nil && !internal.None() {
		return errors.New(withoutLibrary(*internal.Some()))
	}
	if dns := code.DNSError(); dns != nil && !dns.Rcode.None() {
		return fmt.Errorf("%s: %s", code, *dns.Rcode.Some())
	}
	return errors.New(code.String())
}

// withoutLibrary drops the name of the library that wasmtime has an error from, which says nothing to
// a user and reads like a second error.
func withoutLibrary(reason string) string { return strings.TrimPrefix(reason, "hyper error: ") }
