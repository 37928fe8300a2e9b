/** Side-by-side measurements. */
module dev.penstock.bench {
    requires dev.penstock.core;
    requires dev.penstock.apps;
    requires info.picocli;

    opens dev.penstock.bench to info.picocli;
}
