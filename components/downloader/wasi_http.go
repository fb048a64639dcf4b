package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	outgoinghandler "doit-wasm.dev/components/downloader/gen/wasi/http/outgoing-handler"
	"doit-wasm.dev/components/downloader/gen/wasi/http/types"
	"doit-wasm.dev/components/downloader/gen/wasi/io/streams"
	"doit-wasm.dev/components/downloader/internal/transport"
	"go.bytecodealliance.org/cm"
)

// The host's own limits are ten minutes each.
const (
	connectTimeout      = 10 * time.Second
	firstByteTimeout    = 30 * time.Second
	betweenBytesTimeout = 30 * time.Second
)

// wasiTransport sends requests through wasi:http.
type wasiTransport struct{}

var _ transport.Transport = wasiTransport{}

// Send sends one request and waits for the head of its response.
func (wasiTransport) Send(request *transport.Request) (*transport.Response, error) {
	outgoing, err := lowerRequest(request)
	if err != nil {
		return nil, err
	}
	future, code, failed := outgoinghandler.Handle(outgoing, cm.Some(requestOptions())).Result()
	if failed {
		return nil, liftErrorCode(code)
	}
	defer future.ResourceDrop()
	ready := future.Subscribe()
	ready.Block()
	ready.ResourceDrop()
	answer := future.Get()
	if answer.None() {
		return nil, errors.New("the host announced a response and had none")
	}
	once, _, failed := answer.Some().Result()
	if failed {
		return nil, errors.New("the host gave a response away twice")
	}
	incoming, code, failed := once.Result()
	if failed {
		return nil, liftErrorCode(code)
	}
	return liftResponse(incoming)
}

// lowerRequest makes a GET request; the handler that it is given to takes it over.
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

// requestOptions asks for our time limits; a host that knows none of them keeps its own.
func requestOptions() types.RequestOptions {
	options := types.NewRequestOptions()
	options.SetConnectTimeout(cm.Some(types.Duration(connectTimeout)))
	options.SetFirstByteTimeout(cm.Some(types.Duration(firstByteTimeout)))
	options.SetBetweenBytesTimeout(cm.Some(types.Duration(betweenBytesTimeout)))
	return options
}

func liftResponse(incoming types.IncomingResponse) (*transport.Response, error) {
	body, _, failed := incoming.Consume().Result()
	if failed {
		incoming.ResourceDrop()
		return nil, errors.New("the host gave a body away twice")
	}
	stream, _, failed := body.Stream().Result()
	if failed {
		body.ResourceDrop()
		incoming.ResourceDrop()
		return nil, errors.New("the host gave a stream away twice")
	}
	headers := incoming.Headers()
	return &transport.Response{
		Status:  int(incoming.Status()),
		Headers: wasiHeaders(headers),
		Body:    &wasiBody{stream: stream, body: body, headers: headers, response: incoming},
	}, nil
}

// wasiHeaders reads single fields: a list of all of them would be built in many allocations.
type wasiHeaders types.Fields

var _ transport.Headers = wasiHeaders(0)

// Get returns the first value of a field, or "".
func (h wasiHeaders) Get(name string) string {
	fields := types.Fields(h)
	if !fields.Has(types.FieldKey(name)) {
		return ""
	}
	// The host allocates the list and then each value. The collector does not see what only the
	// host holds, so it must not run in between; after a collection there is room enough.
	runtime.GC()
	values := fields.Get(types.FieldKey(name)).Slice()
	if len(values) == 0 {
		return ""
	}
	return string(cm.List[uint8](values[0]).Slice())
}

// wasiBody reads a response's body and owns all handles of the response.
type wasiBody struct {
	stream   streams.InputStream
	body     types.IncomingBody
	headers  types.Fields
	response types.IncomingResponse
	closed   bool
}

var _ io.ReadCloser = (*wasiBody)(nil)

// Read waits for bytes and copies them out of the host's list.
func (b *wasiBody) Read(buffer []byte) (int, error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	list, problem, failed := b.stream.BlockingRead(uint64(len(buffer))).Result()
	if failed {
		return 0, liftStreamError(problem)
	}
	n := copy(buffer, list.Slice())
	// The collector takes the bytes of a list for pointers. Random ones point to older lists and
	// keep them, and those keep others: uncleared, memory grew by the size of the download.
	clear(list.Slice())
	return n, nil
}

// Close drops the handles, children first.
func (b *wasiBody) Close() error {
	if !b.closed {
		b.closed = true
		b.stream.ResourceDrop()
		b.body.ResourceDrop()
		b.headers.ResourceDrop()
		b.response.ResourceDrop()
	}
	return nil
}

// liftStreamError returns io.EOF at the end of a stream, else what broke it.
func liftStreamError(problem streams.StreamError) error {
	cause := problem.LastOperationFailed()
	if cause == nil {
		return io.EOF
	}
	defer cause.ResourceDrop()
	code := types.HTTPErrorCode(*cause)
	if code.None() {
		return errors.New(cause.ToDebugString())
	}
	return liftErrorCode(*code.Some())
}

// liftErrorCode names the case, with what little the host adds to it.
func liftErrorCode(code types.ErrorCode) error {
	if internal := code.InternalError(); internal != nil && !internal.None() {
		return errors.New(*internal.Some())
	}
	if dns := code.DNSError(); dns != nil && !dns.Rcode.None() {
		return fmt.Errorf("%s: %s", code, *dns.Rcode.Some())
	}
	return errors.New(code.String())
}
