"""What does the model rest on, and could less do the job?"""
