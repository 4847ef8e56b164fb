import Testing

@testable import Services

@Suite struct UnitStatusTests {
  @Test func readsARunningService() throws {
    let status = try UnitStatus(
      showing: """
        MainPID=812
        NRestarts=2
        ExecMainStatus=0
        Result=success
        ExecMainStartTimestampMonotonic=18446744073709551615
        LoadState=loaded
        ActiveState=active
        SubState=running
        InvocationID=3c6bd3a4e2a84d5c9f1b2d3e4f506172

        """)
    #expect(status.isRunning)
    #expect(status.mainPID == 812)
    #expect(status.restarts == 2)
    #expect(status.startedAtMonotonicMicroseconds == UInt64.max)
    #expect(status.invocationID == "3c6bd3a4e2a84d5c9f1b2d3e4f506172")
  }

  @Test func aUnitThatIsNoServiceLacksAProcess() throws {
    let status = try UnitStatus(
      showing: "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=unit-start-limit-hit\n")
    #expect(status.isFailed)
    #expect(status.mainPID == 0)
    #expect(status.result == "unit-start-limit-hit")
  }

  @Test(arguments: [
    "", "no equals sign\n", "ActiveState=\nLoadState=loaded\n", "LoadState=loaded\n",
    "LoadState=loaded\nActiveState=active\nMainPID=many\n",
    "LoadState=loaded\nActiveState=active\nMainPID=99999999999\n",
  ])
  func refusesWhatIsNoStatus(text: String) {
    #expect(throws: ServicesError(.malformed, "")) { try UnitStatus(showing: text) }
  }
}
