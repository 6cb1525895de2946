// swift-tools-version: 6.2
import PackageDescription

/// The targets are floors: each may import only targets that stand above it in this list.
let package = Package(
    name: "meridian",
    products: [
        .executable(name: "meridian", targets: ["meridian"]),
        .executable(name: "region-node", targets: ["region-node"]),
        // For test harnesses: load, run, judge.
        .library(
            name: "Meridian", targets: ["Meridian", "Scenarios", "Recording", "Judgement"]),
        // For strategies of your own: build a `meridian` that knows them,
        .library(
            name: "MeridianTool",
            targets: ["MeridianTool", "RegionCore", "Replication", "Geography", "Determinism"]),
        // or only a node.
        .library(
            name: "NodeHost",
            targets: ["NodeHost", "RegionCore", "Replication", "Geography", "Determinism"]),
    ],
    traits: [
        .trait(
            name: "PlantedBugs",
            description: "Known mistakes, one of which can be chosen at run time: for measuring "
                + "what the checks find. Never for use.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Deterministic floors: no input or output, no clock, no ambient randomness.
        .target(name: "Determinism"),
        .target(name: "Geography", dependencies: ["Determinism"]),
        .target(
            name: "Replication",
            dependencies: ["Determinism", "Geography", .collections("DequeModule")]),
        .target(name: "RegionCore", dependencies: ["Determinism", "Geography", "Replication"]),
        .target(name: "Recording", dependencies: ["Determinism", "Replication"]),
        .target(
            name: "Scenarios",
            dependencies: [
                "Determinism", "Geography", "Replication", .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "Workloads",
            dependencies: ["Determinism", "Geography", "Replication", "Recording", "Scenarios"]),
        .target(
            name: "Conduct",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads",
            ]),
        .target(
            name: "Simulation",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", .collections("DequeModule"),
            ]),
        .target(name: "Consistency", dependencies: ["Determinism", "Replication", "Recording"]),
        .target(
            name: "Judgement",
            dependencies: [
                "Determinism", "Replication", "Recording", "Scenarios", "Workloads",
                "Consistency", .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        .target(
            name: "Exploration",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", "Simulation", "Consistency", "Judgement",
            ]),

        // Real sockets, disks and processes.
        .target(
            name: "Wire",
            dependencies: [
                "Determinism", "Replication", .nio("NIOCore"),
            ]),
        .target(name: "CMeridianDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "Storage",
            dependencies: [
                "Determinism", "Replication", "RegionCore", "CMeridianDisk",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .target(
            name: "Tokens",
            dependencies: [
                "Determinism", "Replication", .product(name: "JWTKit", package: "jwt-kit"),
            ]),
        .target(
            name: "NodeHost",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Wire", "Storage",
                "Tokens",
                .nio("NIOCore"), .nio("NIOPosix"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),
        .target(
            name: "Orchestration",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", "Wire", "Storage", "Tokens", "NodeHost",
                .nio("NIOCore"), .nio("NIOPosix"), .collections("HeapModule"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .target(
            name: "Reporting",
            dependencies: [
                "Determinism", "Replication", "Recording", "Scenarios", "Consistency", "Judgement",
                "Simulation", "Exploration",
            ]),
        .target(
            name: "Meridian",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", "Simulation", "Consistency", "Judgement", "Exploration",
                "NodeHost", "Orchestration",
                "Reporting", .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        // What users start.
        .executableTarget(
            name: "region-node",
            dependencies: ["NodeHost", .argumentParser]),
        .target(
            name: "MeridianTool",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", "Simulation", "Consistency", "Judgement", "Exploration",
                "NodeHost", "Reporting", "Meridian", .argumentParser,
            ]),
        .executableTarget(
            name: "meridian", dependencies: ["MeridianTool"]),

        // What developers measure with; scripts/bench and scripts/soak start it.
        .executableTarget(
            name: "meridian-bench",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Conduct", "Consistency", "Judgement", "Exploration", "Wire", "NodeHost",
                "Orchestration", "Reporting", "Meridian", .argumentParser, .nio("NIOCore"),
                .nio("NIOConcurrencyHelpers"),
            ]),

        // Tests, floor by floor.
        .testTarget(name: "DeterminismTests", dependencies: ["Determinism"]),
        .testTarget(name: "GeographyTests", dependencies: ["Determinism", "Geography"]),
        .testTarget(
            name: "ReplicationTests", dependencies: ["Determinism", "Geography", "Replication"]),
        .testTarget(
            name: "RecordingTests", dependencies: ["Determinism", "Replication", "Recording"]),
        .testTarget(
            name: "ScenariosTests",
            dependencies: ["Determinism", "Geography", "Replication", "Scenarios"]),
        .testTarget(
            name: "WorkloadsTests",
            dependencies: ["Determinism", "Geography", "Replication", "Scenarios", "Workloads"]),
        .testTarget(
            name: "ConductTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct",
            ]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Workloads", "Conduct", "Simulation", "Judgement",
            ]),
        .testTarget(
            name: "ConsistencyTests",
            dependencies: ["Determinism", "Replication", "Recording", "Consistency"],
            // Read where they are.
            exclude: ["Corpus/Histories"]),
        .testTarget(
            name: "JudgementTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "Recording", "Scenarios",
                "Consistency", "Judgement",
            ]),
        .testTarget(
            name: "WireTests",
            dependencies: ["Determinism", "Replication", "Wire", .nio("NIOCore")]
        ),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Determinism", "Replication", "RegionCore", "Storage",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "NodeHostTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Wire", "Storage",
                "Tokens", "NodeHost", "region-node", .nio("NIOCore"), .nio("NIOPosix"),
            ]),
        .testTarget(
            name: "ExplorationTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore", "Recording", "Scenarios",
                "Conduct", "Simulation", "Judgement", "Exploration", "Reporting",
            ]),
        .testTarget(
            name: "ReportingTests", dependencies: ["Determinism", "Judgement", "Reporting"]),
        // What docs/extending.md has its readers build.
        .executableTarget(
            name: "extended-meridian",
            dependencies: [
                "MeridianTool", "RegionCore", "Replication", "Geography", "Determinism",
            ],
            path: "Tests/ExtendedMeridian"),
        .testTarget(
            name: "ExtendingTests",
            dependencies: [
                "Determinism", "Geography", "Replication", "RegionCore",
            ]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Determinism", "Recording", "Conduct", "Judgement", "Meridian", "meridian",
                "region-node", "extended-meridian",
            ]
        ),
    ]
)

extension Target.Dependency {
    static var argumentParser: Self {
        .product(name: "ArgumentParser", package: "swift-argument-parser")
    }
    static func nio(_ product: String) -> Self { .product(name: product, package: "swift-nio") }
    static func collections(_ product: String) -> Self {
        .product(name: product, package: "swift-collections")
    }
}

for target in package.targets where target.name != "CMeridianDisk" {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
