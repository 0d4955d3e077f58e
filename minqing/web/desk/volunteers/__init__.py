"""志愿服务: teams, their rota, what they are asked, households they look after. Invariant: every page shows what the database gives and asks the action."""
