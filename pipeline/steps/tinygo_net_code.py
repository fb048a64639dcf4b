"""The packages net and crypto/tls for a TinyGo that was built without them.

They have the types that Go's own net/http names, and what only computes; what would open a socket
fails when it is called, as in Go's own package where a system has none.
"""

from __future__ import annotations

from typing import Final

NET: Final = """// Package net has addresses and the interfaces of connections, but no sockets.
package net

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

var (
	// ErrClosed is the error of an operation on a closed connection.
	ErrClosed error = errors.New("use of closed network connection")
	// ErrWriteToConnected is the error of WriteTo on a connected socket.
	ErrWriteToConnected = errors.New("use of WriteTo with pre-connected connection")

	errNone = errors.New("no sockets in this build of TinyGo: use wasi:http or wasi:sockets")
)

// An Addr is one end of a connection.
type Addr interface {
	Network() string
	String() string
}

// A Conn is a connection that carries a stream.
type Conn interface {
	Read(b []byte) (n int, err error)
	Write(b []byte) (n int, err error)
	Close() error
	LocalAddr() Addr
	RemoteAddr() Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

// A PacketConn is a connection that carries packets.
type PacketConn interface {
	ReadFrom(p []byte) (n int, addr Addr, err error)
	WriteTo(p []byte, addr Addr) (n int, err error)
	Close() error
	LocalAddr() Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

// A Listener accepts connections.
type Listener interface {
	Accept() (Conn, error)
	Close() error
	Addr() Addr
}

// An Error is an error of the network.
type Error interface {
	error
	Timeout() bool
	Temporary() bool
}

// An OpError names the operation that failed.
type OpError struct {
	Op     string
	Net    string
	Source Addr
	Addr   Addr
	Err    error
}

func (e *OpError) Error() string {
	if e == nil {
		return "<nil>"
	}
	words := []string{e.Op}
	if e.Net != "" {
		words = append(words, e.Net)
	}
	if e.Addr != nil {
		words = append(words, e.Addr.String())
	}
	return strings.Join(words, " ") + ": " + e.Err.Error()
}

func (e *OpError) Unwrap() error { return e.Err }

func (e *OpError) Timeout() bool {
	inner, ok := e.Err.(interface{ Timeout() bool })
	return ok && inner.Timeout()
}

func (e *OpError) Temporary() bool { return false }

// An AddrError is an error of an address.
type AddrError struct {
	Err  string
	Addr string
}

func (e *AddrError) Error() string {
	if e.Addr == "" {
		return e.Err
	}
	return "address " + e.Addr + ": " + e.Err
}

func (e *AddrError) Timeout() bool { return false }

func (e *AddrError) Temporary() bool { return false }

// A ParseError is an error of the text of an address.
type ParseError struct {
	Type string
	Text string
}

func (e *ParseError) Error() string { return "invalid " + e.Type + ": " + e.Text }

func (e *ParseError) Timeout() bool { return false }

func (e *ParseError) Temporary() bool { return false }

// An UnknownNetworkError names a network that there is not.
type UnknownNetworkError string

func (e UnknownNetworkError) Error() string { return "unknown network " + string(e) }

func (e UnknownNetworkError) Timeout() bool { return false }

func (e UnknownNetworkError) Temporary() bool { return false }

// A DNSError is an error of a lookup.
type DNSError struct {
	UnwrapErr   error
	Err         string
	Name        string
	Server      string
	IsTimeout   bool
	IsTemporary bool
	IsNotFound  bool
}

func (e *DNSError) Error() string { return "lookup " + e.Name + ": " + e.Err }

func (e *DNSError) Unwrap() error { return e.UnwrapErr }

func (e *DNSError) Timeout() bool { return e.IsTimeout }

func (e *DNSError) Temporary() bool { return e.IsTimeout || e.IsTemporary }

// An IPAddr is an address with a zone.
type IPAddr struct {
	IP   IP
	Zone string
}

func (a *IPAddr) Network() string { return "ip" }

func (a *IPAddr) String() string { return zoned(a.IP, a.Zone) }

// A TCPAddr is one end of a TCP connection.
type TCPAddr struct {
	IP   IP
	Port int
	Zone string
}

func (a *TCPAddr) Network() string { return "tcp" }

func (a *TCPAddr) String() string { return JoinHostPort(zoned(a.IP, a.Zone), strconv.Itoa(a.Port)) }

// AddrPort returns the address as one of net/netip.
func (a *TCPAddr) AddrPort() netip.AddrPort { return addrPort(a.IP, a.Zone, a.Port) }

// A UDPAddr is one end of UDP.
type UDPAddr struct {
	IP   IP
	Port int
	Zone string
}

func (a *UDPAddr) Network() string { return "udp" }

func (a *UDPAddr) String() string { return JoinHostPort(zoned(a.IP, a.Zone), strconv.Itoa(a.Port)) }

// AddrPort returns the address as one of net/netip.
func (a *UDPAddr) AddrPort() netip.AddrPort { return addrPort(a.IP, a.Zone, a.Port) }

// A UnixAddr is one end of a Unix socket.
type UnixAddr struct {
	Name string
	Net  string
}

func (a *UnixAddr) Network() string { return a.Net }

func (a *UnixAddr) String() string { return a.Name }

func zoned(ip IP, zone string) string {
	text := ""
	if len(ip) != 0 {
		text = ip.String()
	}
	if zone != "" {
		return text + "%" + zone
	}
	return text
}

func addrPort(ip IP, zone string, port int) netip.AddrPort {
	addr, _ := netip.AddrFromSlice(ip)
	return netip.AddrPortFrom(addr.Unmap().WithZone(zone), uint16(port))
}

// A TCPConn is a TCP connection; this build makes none.
type TCPConn struct{ Conn }

// CloseRead shuts down the side that reads.
func (c *TCPConn) CloseRead() error { return errNone }

// CloseWrite shuts down the side that writes.
func (c *TCPConn) CloseWrite() error { return errNone }

// SetKeepAlive turns keep-alive messages on or off.
func (c *TCPConn) SetKeepAlive(keepalive bool) error { return errNone }

// SetKeepAlivePeriod sets how often they are sent.
func (c *TCPConn) SetKeepAlivePeriod(d time.Duration) error { return errNone }

// SetNoDelay turns Nagle's algorithm off or on.
func (c *TCPConn) SetNoDelay(noDelay bool) error { return errNone }

// ReadFrom sends what it reads.
func (c *TCPConn) ReadFrom(r io.Reader) (int64, error) { return 0, errNone }

// A Dialer has options of a connection.
type Dialer struct {
	Timeout       time.Duration
	Deadline      time.Time
	LocalAddr     Addr
	DualStack     bool
	FallbackDelay time.Duration
	KeepAlive     time.Duration
	Resolver      *Resolver
	Cancel        <-chan struct{}
}

// Dial connects.
func (d *Dialer) Dial(network, address string) (Conn, error) { return Dial(network, address) }

// DialContext connects unless the context ends before.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (Conn, error) {
	return Dial(network, address)
}

// Dial connects.
func Dial(network, address string) (Conn, error) {
	return nil, &OpError{Op: "dial", Net: network, Err: errNone}
}

// DialTimeout connects within a time.
func DialTimeout(network, address string, timeout time.Duration) (Conn, error) {
	return Dial(network, address)
}

// A ListenConfig has options of a listener.
type ListenConfig struct{ KeepAlive time.Duration }

// Listen waits for connections.
func (lc *ListenConfig) Listen(ctx context.Context, network, address string) (Listener, error) {
	return Listen(network, address)
}

// Listen waits for connections.
func Listen(network, address string) (Listener, error) {
	return nil, &OpError{Op: "listen", Net: network, Err: errNone}
}

// ListenPacket waits for packets.
func ListenPacket(network, address string) (PacketConn, error) {
	return nil, &OpError{Op: "listen", Net: network, Err: errNone}
}

// A Resolver looks names up.
type Resolver struct {
	PreferGo     bool
	StrictErrors bool
	Dial         func(ctx context.Context, network, address string) (Conn, error)
}

// DefaultResolver is what the functions of the package use.
var DefaultResolver = &Resolver{}

// LookupHost returns the addresses of a host.
func (r *Resolver) LookupHost(ctx context.Context, host string) ([]string, error) {
	return LookupHost(host)
}

// LookupIPAddr returns the addresses of a host.
func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]IPAddr, error) {
	found, err := LookupIP(host)
	addrs := make([]IPAddr, len(found))
	for i, ip := range found {
		addrs[i] = IPAddr{IP: ip}
	}
	return addrs, err
}

// LookupHost returns the addresses of a host.
func LookupHost(host string) ([]string, error) {
	found, err := LookupIP(host)
	addrs := make([]string, len(found))
	for i, ip := range found {
		addrs[i] = ip.String()
	}
	return addrs, err
}

// LookupIP returns the addresses of a host; only those that are written as addresses are known.
func LookupIP(host string) ([]IP, error) {
	if ip := ParseIP(host); ip != nil {
		return []IP{ip}, nil
	}
	return nil, &DNSError{UnwrapErr: errNone, Err: errNone.Error(), Name: host}
}

// An Interface is a network interface; this build knows none.
type Interface struct {
	Index        int
	MTU          int
	Name         string
	HardwareAddr HardwareAddr
}

// Addrs returns the addresses of the interface.
func (ifi *Interface) Addrs() ([]Addr, error) { return nil, errNone }

// Interfaces returns all network interfaces.
func Interfaces() ([]Interface, error) { return nil, errNone }

// InterfaceAddrs returns the addresses of all network interfaces.
func InterfaceAddrs() ([]Addr, error) { return nil, errNone }

// JoinHostPort returns an address of a host and a port.
func JoinHostPort(host, port string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]:" + port
	}
	return host + ":" + port
}

// SplitHostPort returns the host and the port of an address.
func SplitHostPort(hostport string) (host, port string, err error) {
	fail := func(why string) (string, string, error) {
		return "", "", &AddrError{Err: why, Addr: hostport}
	}
	at := strings.LastIndexByte(hostport, ':')
	if at < 0 {
		return fail("missing port in address")
	}
	host, port = hostport[:at], hostport[at+1:]
	outside := host // what may have no brackets
	if strings.HasPrefix(hostport, "[") {
		end := strings.IndexByte(hostport, ']')
		switch {
		case end < 0:
			return fail("missing ']' in address")
		case end+1 != at && end+1 < len(hostport) && hostport[end+1] == ':':
			return fail("too many colons in address")
		case end+1 != at:
			return fail("missing port in address")
		}
		host, outside = hostport[1:end], ""
	} else if strings.Contains(host, ":") {
		return fail("too many colons in address")
	}
	if strings.Contains(host+port, "[") {
		return fail("unexpected '[' in address")
	}
	if strings.Contains(outside+port, "]") {
		return fail("unexpected ']' in address")
	}
	return host, port, nil
}
"""

TLS: Final = """// Package tls has the types that net/http names. This build has no sockets.
package tls

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

var errNone = errors.New("tls: no sockets in this build of TinyGo: use wasi:http")

// Versions of TLS.
const (
	VersionTLS10 = 0x0301
	VersionTLS11 = 0x0302
	VersionTLS12 = 0x0303
	VersionTLS13 = 0x0304
)

// A Certificate is a chain of certificates with its key.
type Certificate struct {
	Certificate [][]byte
	PrivateKey  any
}

// A ClientHelloInfo is what a client has sent.
type ClientHelloInfo struct {
	ServerName      string
	SupportedProtos []string
	Conn            net.Conn
}

// A ClientAuthType tells whether clients need a certificate.
type ClientAuthType int

// A CurveID names an elliptic curve.
type CurveID uint16

// A Config has settings of connections.
type Config struct {
	Rand               io.Reader
	Time               func() time.Time
	Certificates       []Certificate
	GetCertificate     func(*ClientHelloInfo) (*Certificate, error)
	GetConfigForClient func(*ClientHelloInfo) (*Config, error)
	NextProtos         []string
	ServerName         string
	ClientAuth         ClientAuthType
	InsecureSkipVerify bool
	CipherSuites       []uint16
	MinVersion         uint16
	MaxVersion         uint16
	CurvePreferences   []CurveID
	KeyLogWriter       io.Writer
}

// Clone returns a copy.
func (c *Config) Clone() *Config {
	if c == nil {
		return nil
	}
	clone := *c
	return &clone
}

// A ConnectionState tells about a connection.
type ConnectionState struct {
	Version                    uint16
	HandshakeComplete          bool
	DidResume                  bool
	CipherSuite                uint16
	NegotiatedProtocol         string
	NegotiatedProtocolIsMutual bool
	ServerName                 string
}

// A Conn is a secured connection; this build makes none.
type Conn struct{ net.Conn }

// Handshake secures the connection.
func (c *Conn) Handshake() error { return errNone }

// HandshakeContext secures the connection unless the context ends before.
func (c *Conn) HandshakeContext(ctx context.Context) error { return errNone }

// ConnectionState tells about the connection.
func (c *Conn) ConnectionState() ConnectionState { return ConnectionState{} }

// VerifyHostname checks whom the connection leads to.
func (c *Conn) VerifyHostname(host string) error { return errNone }

// NetConn returns the connection inside.
func (c *Conn) NetConn() net.Conn { return c.Conn }

// CloseWrite shuts down the side that writes.
func (c *Conn) CloseWrite() error { return errNone }

// A RecordHeaderError is the error of something that is no TLS.
type RecordHeaderError struct {
	Msg          string
	RecordHeader [5]byte
	Conn         net.Conn
}

func (e RecordHeaderError) Error() string { return "tls: " + e.Msg }

// A Dialer connects.
type Dialer struct {
	NetDialer *net.Dialer
	Config    *Config
}

// DialContext connects unless the context ends before.
func (d *Dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return nil, errNone
}

// Client secures a connection to a server.
func Client(conn net.Conn, config *Config) *Conn { return &Conn{conn} }

// Server secures a connection of a client.
func Server(conn net.Conn, config *Config) *Conn { return &Conn{conn} }

// Dial connects.
func Dial(network, addr string, config *Config) (*Conn, error) { return nil, errNone }

// NewListener secures the connections of a listener.
func NewListener(inner net.Listener, config *Config) net.Listener { return inner }

// Listen waits for connections.
func Listen(network, laddr string, config *Config) (net.Listener, error) { return nil, errNone }

// LoadX509KeyPair reads a certificate and its key.
func LoadX509KeyPair(certFile, keyFile string) (Certificate, error) {
	return Certificate{}, errNone
}

// X509KeyPair parses a certificate and its key.
func X509KeyPair(certPEMBlock, keyPEMBlock []byte) (Certificate, error) {
	return Certificate{}, errNone
}
"""
