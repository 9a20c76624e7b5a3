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
        // The domain's own sources, by a link: what they declare is for their package alone, and so it is seen here
        // without being made public.
        .target(name: "Roster", swiftSettings: settings),
        .target(name: "MadeSite", dependencies: ["Roster"], swiftSettings: settings),
        .executableTarget(name: "PublishProbe", dependencies: ["Roster", "MadeSite"], swiftSettings: settings),
        .executableTarget(
            name: "SnapshotBenchmarks",
            dependencies: ["Roster", "MadeSite", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/SnapshotBenchmarks", swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ],
    swiftLanguageModes: [.v6]
)
