package main

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Below every system's range of ephemeral ports (32768 on Linux, 49152 elsewhere): no outgoing connection and no
// listener on port 0 gets such a port while the API server that had it is stopped.
const lowestPort, highestPort = 20000, 32000

// freePort returns a free port of 127.0.0.1. Another process may take it before it is used.
func freePort() (int, error) {
	for range 100 {
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, fmt.Errorf("no free port between %d and %d", lowestPort, highestPort)
}
