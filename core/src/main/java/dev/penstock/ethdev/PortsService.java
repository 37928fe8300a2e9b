package dev.penstock.ethdev;

/** Serves all ports of an instance, such as with telemetry commands of its own. Found through {@link java.util.ServiceLoader}. */
public interface PortsService {
    /**
     * Begins; there is no port yet.
     *
     * @param ports the instance's ports
     * @return what is run once before the ports are closed
     */
    Runnable start(Ports ports);
}
