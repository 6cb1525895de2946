import MeridianTool

await MeridianProgram.main()
