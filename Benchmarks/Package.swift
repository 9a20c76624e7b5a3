// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "roster-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        // Without its traits, which count allocations through a library that has to be preloaded.
        .package(url: "https://github.com/ordo-one/benchmark.git", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "PeerServer", dependencies: [.product(name: "Hummingbird", package: "hummingbird")],
            swiftSettings: settings),
        // Roster's own sources, by links: they declare everything for their package alone, and this package may see it
        // without anything being public.
        .target(name: "RosterModel", swiftSettings: settings),
        .target(name: "RosterStore", dependencies: ["RosterModel"], swiftSettings: settings),
        .target(name: "RosterSnapshot", dependencies: ["RosterModel"], swiftSettings: settings),
        .target(
            name: "RosterDirectory", dependencies: ["RosterModel", "RosterStore", "RosterSnapshot"],
            swiftSettings: settings),
        .target(name: "MadeSite", dependencies: ["RosterModel", "RosterSnapshot"], swiftSettings: settings),
        .executableTarget(
            name: "PublishProbe", dependencies: ["RosterModel", "RosterSnapshot", "MadeSite"], swiftSettings: settings),
        .executableTarget(
            name: "SnapshotBenchmarks",
            dependencies: [
                "RosterModel", "RosterSnapshot", "MadeSite", .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/SnapshotBenchmarks", swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
