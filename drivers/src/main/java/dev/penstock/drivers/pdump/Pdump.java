package dev.penstock.drivers.pdump;

import dev.penstock.ethdev.Ports;
import dev.penstock.ethdev.PortsService;

/**
 * Captures of running ports, begun and ended by telemetry: {@code /pdump/start,to=PATH,port=NAME,filter=...},
 * {@code /pdump/stop,ID}, {@code /pdump/list}. PATH is a file that is not there yet, or a listening UNIX socket, which
 * gets a stream. While nothing is captured it costs a port nothing.
 */
public final class Pdump implements PortsService {
    /** For the service loader. */
    public Pdump() {}

    @Override
    public Runnable start(Ports ports) {
        return new Captures(ports)::close;
    }
}
