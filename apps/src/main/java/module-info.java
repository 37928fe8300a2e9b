/** The launcher and its programs. */
module dev.penstock.apps {
    requires dev.penstock.linux;
    requires transitive dev.penstock.core;
    requires dev.penstock.drivers;
    requires dev.penstock.tables;
    requires HdrHistogram;
    requires com.fasterxml.jackson.jr.ob;
    requires info.picocli;
    requires jdk.httpserver;
    requires jdk.jfr;
    requires jdk.management;
    requires jdk.unsupported;
    requires org.jline;
    requires org.snakeyaml.engine;

    exports dev.penstock.vswitch;
    exports dev.penstock.apps.cli to dev.penstock.bench;

    opens dev.penstock.apps to info.picocli;
    opens dev.penstock.apps.demo to info.picocli;
    opens dev.penstock.apps.doctor to info.picocli;
    opens dev.penstock.apps.dumpcap to info.picocli;
    opens dev.penstock.apps.exporter to info.picocli;
    opens dev.penstock.apps.overheads to info.picocli;
}
