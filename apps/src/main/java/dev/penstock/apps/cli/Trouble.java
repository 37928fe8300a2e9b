package dev.penstock.apps.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Says what went wrong to the person who typed the command. */
public final class Trouble {
    private Trouble() {}

    /**
     * What an exception means. Those of files carry a bare path.
     *
     * @param e the exception
     * @return what, where, and how to mend it when that is known
     */
    public static String of(Exception e) {
        return switch (e) {
            case NoSuchFileException none -> none.getFile() + ": there is no such file or folder; check the path";
            case AccessDeniedException denied -> denied.getFile() + ": no permission; check its mode and owner";
            default -> e.getMessage() == null ? e.toString() : e.getMessage();
        };
    }

    /**
     * Why a file can't be had, for a message that names it already.
     *
     * @param e the exception
     * @return the reason, without the path
     */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file or folder";
            case AccessDeniedException _ -> "no permission; check its mode and owner";
            case CharacterCodingException _ -> "it is no text in UTF-8";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> of(e);
        };
    }

    /**
     * Makes sure that a result will find its file, before the work that it comes of is done.
     *
     * @param option the option that names the file, for the error
     * @param file the file, or null when there is none
     * @throws IllegalArgumentException when it can't be written
     */
    public static void requireWritable(String option, Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(option + "=" + file + ": the folder can't be made: " + of(e), e);
        }
        boolean there = Files.exists(file);
        if (there && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
            // who reads a pipe would take this for all that comes
            return;
        }
        try {
            // asked by its mode, root may write anything, also where the system has read-only files
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
            if (!there) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(option + "=" + file + ": can't be written: " + reason(e) + "; name a file in a folder of yours", e);
        }
    }
}
