import ArgumentParser
import Product
import SystemPackage
import TUF

/// Thousands of virtual devices on the real decision code, against a real web server and the real publisher's program.
@main
struct Simulate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slipway-simulate", abstract: "A fleet takes a bad version at 10 %, a halt, and a good one.")

  @Option(help: "The web server's address.") var url: String
  @Option(help: "The folder with repository/ and keys/.") var folder: String
  @Option(help: "The slipway-release to publish with.") var publisher: String
  @Option(help: "The start: a midnight of a Monday, seconds since 1970.") var start: Int64
  @Option var devices = 5_000
  @Option var days: Int64 = 21
  @Option(help: "Where the random numbers begin.") var seed: UInt64 = 1

  func validate() throws {
    guard days >= 18 else { throw ValidationError("--days is 18 or more: rooms that are closed open on day 17.") }
  }

  func run() async throws {
    let repository = Repository(url)
    guard let root = try await repository.metadata(named: "1.root.json", maximumLength: 512_000) else {
      throw SimulationError("there is no 1.root.json at \(url)")
    }
    let product = try await Self.product(repository, root, now: start)
    let timer = try PollTimer(product)
    let versions = (SemanticVersion(1, 0, 0), SemanticVersion(2, 0, 0), SemanticVersion(2, 0, 1))
    let world = World(
      repository: Repository(url), product: product, timer: timer, jitter: true, start: start, first: versions.0,
      bad: versions.1, good: versions.2)
    let plan = Plan(world, days: days)
    let tool = Publisher(program: publisher, folder: folder)
    var fleet = Fleet(
      (0..<devices).map { VirtualDevice($0, root: root, world: world, seed: seed) }, world: world,
      seconds: days * Power.day)
    for step in plan.steps {
      try await fleet.run(until: start + step.at)
      try await tool.run(step.arguments, at: start + step.at)
    }
    try await fleet.run(until: start + days * Power.day)
    Summary(fleet: fleet, world: world, plan: plan, days: days, interval: timer.afterPoll)
      .print(unjittered: Self.unjittered(fleet, world, seconds: days * Power.day))
    let stranded = fleet.devices.filter { $0.installed != world.good }
    for device in stranded.prefix(5) {
      print("stranded: device \(device.number), \(device.power), \(device.installed), \(device.state.waitingFor)")
    }
    guard stranded.isEmpty else { throw ExitCode(1) }
  }

  /// The compiled manifest of the first version, as signed.
  private static func product(_ repository: Repository, _ root: [UInt8], now: Int64) async throws -> ProductManifest {
    var client = Client(source: repository, store: MemoryStore(["root": root]), now: now)
    let release = ReleaseIdentity(
      id: try ProductID("signage"), version: SemanticVersion(1, 0, 0), platform: try Platform("linux-x86_64"))
    guard let info = try await client.target(TargetNames.release(.product, of: release)) else {
      throw SimulationError("signage 1.0.0 is not signed")
    }
    return try ProductManifest.parse(try await repository.target(info))
  }

  /// The worst second of the same fleet's polls when no timer adds a random delay.
  private static func unjittered(_ fleet: Fleet, _ world: World, seconds: Int64) -> (requests: Int32, second: Int) {
    var load = [Int32](repeating: 0, count: Int(seconds))
    var dice = Dice(seed: 0)
    for device in fleet.devices {
      var span = device.power.span(at: world.start, device: device.number, start: world.start)
      while span.lowerBound < world.start + seconds {
        // Who is always on began at some time of its own.
        var moment =
          span.lowerBound == world.start
          ? span.lowerBound + Int64.random(in: 0..<world.timer.afterPoll, using: &dice)
          : world.timer.next(after: span.lowerBound, booted: true, jitter: false, using: &dice)
        while moment < min(span.upperBound, world.start + seconds) {
          load[Int(moment - world.start)] += 1
          moment = world.timer.next(after: moment, booted: false, jitter: false, using: &dice)
        }
        guard span.upperBound < Int64.max else { break }
        span = device.power.span(at: span.upperBound, device: device.number, start: world.start)
      }
    }
    let worst = load.enumerated().max { $0.element < $1.element }
    return (worst?.element ?? 0, worst?.offset ?? 0)
  }
}
