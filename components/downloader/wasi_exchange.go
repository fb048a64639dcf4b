package main

import (
	"errors"
	"io"
	"strings"

	"doit-wasm.dev/components/downloader/internal/gen/wasi/http/types"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/io/poll"
	"doit-wasm.dev/components/downloader/internal/gen/wasi/io/streams"
	"doit-wasm.dev/components/downloader/internal/transport"
	"go.bytecodealliance.org/cm"
)

// errTwice is an error of the host itself.
var errTwice = errors.New("the host gave a part of the response away twice")

// wasiExchange owns all handles of a request and its response.
type wasiExchange struct {
	future types.FutureIncomingResponse
	// ready is the pollable of the future, and then that of the stream.
	ready    poll.Pollable
	begun    bool
	response types.IncomingResponse
	headers  types.Fields
	body     types.IncomingBody
	stream   streams.InputStream
}

var _ transport.Exchange = (*wasiExchange)(nil)

// Head takes the response from the future.
func (e *wasiExchange) Head() (*transport.Head, error) {
	answer := e.future.Get()
	if answer.None() {
		return nil, nil
	}
	once, _, failed := answer.Some().Result()
	if failed {
		return nil, errTwice
	}
	incoming, code, failed := once.Result()
	if failed {
		return nil, liftErrorCode(code)
	}
	body, _, failed := incoming.Consume().Result()
	if failed {
		incoming.ResourceDrop()
		return nil, errTwice
	}
	stream, _, failed := body.Stream().Result()
	if failed {
		body.ResourceDrop()
		incoming.ResourceDrop()
		return nil, errTwice
	}
	e.ready.ResourceDrop()
	e.begun, e.response, e.body, e.stream = true, incoming, body, stream
	e.ready, e.headers = stream.Subscribe(), incoming.Headers()
	return &transport.Head{Status: int(incoming.Status()), Headers: wasiHeaders(e.headers)}, nil
}

// Read returns what has arrived, in a buffer that all exchanges share.
func (e *wasiExchange) Read() ([]byte, error) {
	reading = true
	list, problem, failed := e.stream.Read(readBytes).Result()
	reading = false
	if failed {
		return nil, liftStreamError(problem)
	}
	return list.Slice(), nil
}

// Close drops the handles, children first.
func (e *wasiExchange) Close() {
	e.ready.ResourceDrop()
	if e.begun {
		e.stream.ResourceDrop()
		e.body.ResourceDrop()
		e.headers.ResourceDrop()
		e.response.ResourceDrop()
	}
	e.future.ResourceDrop()
}

// wasiHeaders reads single fields, because most fields that servers send are not needed.
type wasiHeaders types.Fields

var _ transport.Headers = wasiHeaders(0)

// Get returns the first value of a field, or "".
func (h wasiHeaders) Get(name string) string {
	values := types.Fields(h).Get(types.FieldKey(name)).Slice()
	if len(values) == 0 {
		return ""
	}
	return strings.ToValidUTF8(string(cm.List[uint8](values[0]).Slice()), "\uFFFD")
}

// liftStreamError returns io.EOF at the end of a stream, else the error that broke it.
func liftStreamError(problem streams.StreamError) error {
	cause := problem.LastOperationFailed()
	if cause == nil {
		return io.EOF
	}
	defer cause.ResourceDrop()
	code := types.HTTPErrorCode(*cause)
	if code.None() {
		// wasmtime adds its own stack if RUST_BACKTRACE is set.
		reason, _, _ := strings.Cut(cause.ToDebugString(), "\n")
		return errors.New(withoutLibrary(reason))
	}
	return liftErrorCode(*code.Some())
}
