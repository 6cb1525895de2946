import ArgumentParser
import Foundation
import NodeHost
import RegionCore

/// The command line of a node: all that it is told stands in one file.
@main
struct RegionNodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "region-node",
        abstract: "One node of a replicated service that runs in many regions.",
        discussion: """
            A node replicates data with its peers over TCP, answers clients, and keeps its state \
            in one SQLite file. Mostly `meridian run` starts nodes; by hand it goes like this:

              region-node --example > node.json     # a node on its own; edit to taste
              region-node node.json

            When the node serves, it prints one line on standard output, for whoever started it:

              {"ready":{"incarnation":0,"port":41873,"process":7712}}

            Peers, clients and whoever conducts the run all connect to that port; the first \
            frame of a connection says which of them it is, and shows a token. \
            docs/protocol.md tells how. Where peers listen is told over the control connection, \
            and so are the delays and faults of the links between them. The node listens on \
            127.0.0.1 unless its configuration says otherwise.

            The configuration is one object of JSON. Times are in nanoseconds.

              node, nodes        which node this is, and every node of the run with its name
              runToken           the secret that peers and clients show
              controlToken       the secret that whoever conducts the run shows
              host, port         where to listen; port 0: the kernel chooses
              databasePath       the SQLite file; made if absent
              databaseVFS        optional: `meridian` keeps what is not synced in memory, so that a \
            kill loses it, and takes the troubles of a condition
              condition          optional: what is wrong with clocks, disk and processor
              launch             0 for the first start of the node, more for each later one; a \
            node whose database is gone or damaged comes back under this number as a new member
              groups             the replication groups: strategy, options, founding members, and \
            their priority on narrow links
              logsReplication    optional: whether notes tell of every write that is applied here
              links              the links from this node: delay, jitter, loss, faults in force
              parentProcess      optional: the node ends when this process does
              logPath, logLevel  optional file for the log (default: standard error), and what \
            goes into it

            SIGTERM and SIGINT end the node in good order.

            Exit codes: 0 it was stopped; 64 the configuration cannot be used; 65 the database \
            belongs to somebody else; 66 the database is damaged and launch is 0; 70 an internal \
            error; 74 the operating system or the disk failed. Nothing is ever acknowledged that \
            the disk did not take.
            """,
        version: "region-node 0.1.0, protocol 1.0")

    @Argument(help: "The configuration file; - for standard input.")
    var file: String?

    @Flag(help: "Print the configuration of a node on its own, and end.")
    var example = false

    func validate() throws {
        if file == nil && !example {
            throw ValidationError("A configuration file is needed; see --help and --example.")
        }
    }

    func run() throws {
        if example {
            print(RegionNodeProcess.exampleConfiguration)
            return
        }
        let code = RegionNodeProcess.run(
            configurationPath: file ?? "-", registry: .standard)
        throw ExitCode(code)
    }
}
