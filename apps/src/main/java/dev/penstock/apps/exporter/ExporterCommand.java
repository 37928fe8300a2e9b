package dev.penstock.apps.exporter;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.apps.cli.Instance;
import dev.penstock.apps.cli.Interrupts;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code penstock exporter}: counters of running programs, printed or served to Prometheus. */
@Command(name = "exporter", mixinStandardHelpOptions = true, sortOptions = false,
        description = {"Prints the counters of all running programs, ours and DPDK's, for Prometheus.",
            "Or serves them at http://HOST:PORT/metrics. It asks by telemetry: the programs need nothing for it."},
        footer = {"", "Example: ./penstock exporter | grep dropped", "         ./penstock exporter --listen=127.0.0.1:9464"})
public final class ExporterCommand implements Callable<Integer> {
    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "Serve until it is interrupted; 127.0.0.1 unless a host is given.")
    private String listen;

    @Option(names = "--file-prefix", paramLabel = "PREFIX", description = "Of this program alone.")
    private String prefix;

    @Spec
    private CommandSpec spec;

    /** Made by picocli. */
    public ExporterCommand() {}

    @Override
    @SuppressWarnings("try")
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (listen == null) {
            String text = text();
            out.print(text);
            out.flush();
            if (text.isEmpty()) {
                throw new IllegalStateException("no program runs" + (prefix == null ? "" : " with --file-prefix=" + prefix)
                        + " that could be asked; start one without --no-telemetry, as this user");
            }
            return 0;
        }
        HttpServer server = server(address());
        server.createContext("/metrics", this::answer);
        server.start();
        out.println("Serving http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort() + "/metrics");
        out.flush();
        try (Interrupts interrupts = Interrupts.of(Thread.currentThread())) {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            // the end
        } finally {
            server.stop(0);
        }
        return 0;
    }

    private HttpServer server(InetSocketAddress address) {
        try {
            return HttpServer.create(address, 0);
        } catch (IOException | UnresolvedAddressException e) {
            throw new IllegalStateException("--listen=" + listen + ": " + (address.isUnresolved() ? "no address is known of that host"
                    : e.getMessage()) + "; give a port that is free, and this machine's name or address, such as 127.0.0.1:9465", e);
        }
    }

    private InetSocketAddress address() {
        int colon = listen.lastIndexOf(':');
        try {
            int port = Integer.parseInt(listen.substring(colon + 1));
            return new InetSocketAddress(colon < 0 ? "127.0.0.1" : listen.substring(0, colon), port);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--listen=" + listen + " is not understood; give HOST:PORT, such as 127.0.0.1:9464");
        }
    }

    private String text() throws IOException {
        List<Instance> running = Instance.running(prefix, "/info");
        try {
            return Exposition.of(running);
        } finally {
            running.forEach(Instance::close);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
