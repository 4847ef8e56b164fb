/// All devices, moved on together, and what was counted on the way.
struct Fleet {
  private(set) var devices: [VirtualDevice]
  private var agenda = Agenda()
  private let world: World
  /// Requests in each second since the start.
  private(set) var load: [Int32]

  init(_ devices: [VirtualDevice], world: World, seconds: Int64) {
    self.devices = devices
    self.world = world
    load = Array(repeating: 0, count: Int(seconds))
    for (number, device) in devices.enumerated() { agenda.add(number, at: device.next) }
  }

  /// Lets happen what is due before `end`, many devices at a time; each has one thing to do at a time.
  mutating func run(until end: Int64) async throws {
    while let next = agenda.next, next < end {
      // Devices know nothing of each other: what happens within a minute may happen side by side.
      let batch = agenda.due(before: min(end, next + 60))
      for part in stride(from: 0, to: batch.count, by: 64).map({ batch[$0..<min($0 + 64, batch.count)] }) {
        try await move(part)
      }
    }
  }

  private mutating func move(_ part: ArraySlice<(at: Int64, device: Int)>) async throws {
    let moved = try await withThrowingTaskGroup(of: (Int64, VirtualDevice).self) { group in
      for (moment, number) in part {
        var device = devices[number]
        let world = world
        group.addTask {
          try await device.move(to: moment, world)
          return (moment, device)
        }
      }
      var moved: [(Int64, VirtualDevice)] = []
      for try await one in group { moved.append(one) }
      return moved
    }
    for (moment, device) in moved {
      load[Int(moment - world.start)] += Int32(device.asked)
      devices[device.number] = device
      agenda.add(device.number, at: device.next)
    }
  }
}
