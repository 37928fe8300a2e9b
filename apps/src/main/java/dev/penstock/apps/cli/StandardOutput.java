package dev.penstock.apps.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process's standard output, whose failures are not lost, as they are in {@link System#out}. When a pipe's reader has gone, the
 * program ends as by a signal: programs in C do so by SIGPIPE, which the JVM keeps to itself.
 */
public final class StandardOutput extends FilterOutputStream {
    private static final Path LINK = Path.of("/proc/self/fd/1");

    private static volatile IOException failure;
    private static volatile boolean ended;

    /** Makes one; all of them share what went wrong. */
    public StandardOutput() {
        this(new FileOutputStream(FileDescriptor.out));
    }

    StandardOutput(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            if (failure == null) {
                failure = e;
            }
            if (!ended && isPipe()) {
                ended = Interrupts.raise();
            }
            throw e;
        }
    }

    /**
     * The exit code of a program that has printed all it had to. Says it when not all of that arrived; a reader that has gone wanted
     * no more, and is no trouble.
     *
     * @param code the exit code if all arrived
     * @return the exit code
     */
    public static int code(int code) {
        IOException lost = failure;
        if (lost == null || isPipe()) {
            return code;
        }
        System.err.println("penstock: standard output: " + lost.getMessage() + "; what was printed is not whole");
        return code == 0 ? 1 : code;
    }

    private static boolean isPipe() {
        try {
            String target = Files.readSymbolicLink(LINK).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
