# expect: 2: async is not in the language
async def wrong(at: int) -> int:
    return at
