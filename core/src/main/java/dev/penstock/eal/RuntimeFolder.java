package dev.penstock.eal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;

/**
 * The folder for an instance's sockets, where DPDK has it, so that DPDK's tools find them: {@code dpdk/PREFIX} under
 * {@code $RUNTIME_DIRECTORY}, else {@code /var/run} for root, {@code $XDG_RUNTIME_DIR} or {@code /tmp} for others.
 * Instances of the same prefix, also DPDK's, share it; each file in it is its maker's.
 */
public final class RuntimeFolder {
    private RuntimeFolder() {}

    /** @return where this user's instances have theirs, one a prefix; need not exist */
    public static Path all() {
        return of(System.getenv(), System.getProperty("user.name"), "rte").getParent();
    }

    static Path of(Map<String, String> environment, String user, String prefix) {
        String base = environment.getOrDefault("RUNTIME_DIRECTORY", "");
        if (base.isEmpty() && user.equals("root")) {
            base = "/var/run";
        }
        if (base.isEmpty()) {
            base = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        }
        return Path.of(base.isEmpty() ? System.getProperty("java.io.tmpdir") : base, "dpdk", prefix);
    }

    /** Makes it, for its owner alone, unless it is there. */
    static Path make(Path folder) {
        try {
            Files.createDirectories(folder.getParent());
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
                }
            }
            if (!isOurs(folder)) {
                throw new IOException(folder + " belongs to " + Files.getOwner(folder).getName());
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the run-time folder " + folder
                    + "; set XDG_RUNTIME_DIR to a folder that can be written", e);
        }
    }

    /** A user who is in no list of users, as in many containers, has no name by which it shows: then a file that is made there says it. */
    private static boolean isOurs(Path folder) throws IOException {
        UserPrincipal owner = Files.getOwner(folder);
        if (owner.getName().equals(System.getProperty("user.name"))) {
            return true;
        }
        Path made = Files.createTempFile(folder, "owner", null);
        try {
            return owner.equals(Files.getOwner(made));
        } finally {
            Files.delete(made);
        }
    }

    /** Takes it away, unless somebody has a file there. */
    static void removeIfEmpty(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            // another instance uses it
        }
    }
}
